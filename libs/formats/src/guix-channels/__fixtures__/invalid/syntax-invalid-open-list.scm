(list (channel
        (name (quote guix))
        (url "https://code.example.org/guix.git"))
