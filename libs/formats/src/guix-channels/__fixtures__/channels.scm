;; What the figures were made with: guix time-machine -C channels.scm
#| The second channel
   is ours. |#
(cons* (channel
        (name 'lab)
        (url "https://jane:s3cret@code.example.org/lab/guix-lab.git")
        (branch "main")
        (commit "00112233445566778899aabbccddeeff00112233"))
       (channel
        (name 'guix)
        (url "https://code.example.org/guix.git")
        (commit
         "9edb3f66fd807b096b48283debdcddccfea34bad")
        (introduction
         (make-channel-introduction
          "0123456789abcdef0123456789abcdef01234567"
          (openpgp-fingerprint
           "0011 2233 4455 6677 8899  AABB CCDD EEFF 0011 2233"))))
       #;(channel (name 'old) (url "https://code.example.org/old.git"))
       '())
