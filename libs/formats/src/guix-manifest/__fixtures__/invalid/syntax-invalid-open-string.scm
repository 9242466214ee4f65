(specifications->manifest
 (list "python
       ))
