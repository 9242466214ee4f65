(manifest
  (version 4)
  (packages
    (("python" "3.10.7" "out" "/gnu/store/0mbvhwd0i4wzb9b2jz0xkqmbbsv2zqr2-python-3.10.7"
      (propagated-inputs
        (("tcl" "8.6.12" "out" "/gnu/store/1nbvhwd0i4wzb9b2jz0xkqmbbsv2zqr2-tcl-8.6.12"
          (propagated-inputs ())
          (search-paths ()))))
      (search-paths ()))
     ("git" "2.41.0" "send-email" "/gnu/store/2pbvhwd0i4wzb9b2jz0xkqmbbsv2zqr2-git-2.41.0-send-email"
      (propagated-inputs ())
      (search-paths ())))))
