;; guix shell -m manifest.scm
(use-modules (gnu packages python))

(define tools '("make" "git@2"))

(concatenate-manifests
 (list
  (specifications->manifest
   (append (list "python@3.10"
                 "gcc-toolchain:static"
                 ;; "commented-out"
                 "r-ggplot2")
           tools))
  (packages->manifest
   (list python
         (specification->package "openblas")))
  (package->development-manifest (specification->package "hello"))))
