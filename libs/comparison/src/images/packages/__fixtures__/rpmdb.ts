import { inflateSync } from 'node:zlib';

/**
 * An SQLite database as rpm writes it, with pages of 512 bytes so that headers overflow and the table has inner pages:
 * bash, openblas, shadow-utils (epoch 2), a key, and lib00 to lib29.
 */
export const RPMDB = inflateSync(
  Buffer.from(
    [
      'eNrtWk1oI2UY/t78Nk3SpE3SNGnTTqvS1u2GzOSnCf7Qdhukbpr+mIUWhJpkJ21omrRNurbqwa54EBH25knBgzcPC+LFiwge9KKCIF68iODqLo',
      'h7EEQQ3y/fhG1G6bI4+9Umeem8T95Jmm+e58lMnwx9biVVrMlCobK/k60JYaIjAGRGEAghetz85F7pcDOcmIHcv/QkmAd7/cHXBN6CJxAeahX1',
      'Zq/HA8fRWjZXktPZnfpmuLSanM0khczsXCopjNNd48LEtnwkZJJrGSG9hNuVVGpK2Cof7AgL6UzymeTqid3Fq4f/2Du5rDN5L1yA9fpK1b0S6r',
      'hRlfcO5HJePeqb1lc9OVHGw5nCaXIPzN5AoHHwy9n8dnZTrjZQ10yisRuJNB318urC4uzqunA5uS7MXsksLaTx9xaT6cyUkCtVcsJcamnuHgkj',
      'auaEm1Q6P/wJv8NvcAd+gh/ge/gOvoEv4Qv4DD6Bj+Ej9qJOnXn5RrENjGDzBrD1D2Lz+LC5vdhcHmx9Lmy9vdRbBzYHPQN7rNjsFmw2MzYrdb',
      '5bT58BuEvwp1NtUTbQB6Bx8Rij/o9BH4E/4C7chh/xvP8WvoLP4VM85z+ED+B9eBfehhvwBlyHl6EGO1CADViDFXgWLsGTEIUgjIMAPnyTlijj',
      'mMFh6To0jjIQGIwwGGYQYDDEYJCBn4GPwQADL4N+Bh4GbgYuBn0Mehk4GTgY9DCwM7AxsDLoZmBh0MXAzMDEwMjAwEDPQMcA6oCETVDZlcu5Ur',
      'ZKQsFwUBJJLFjIhxPksFMtX+i/uaNCW/vf1VGhrf3vXOfb0ffDeGwjFiEd/9vbf3Zv5hECr4Af4d/q9ZLeQN58niZFQnSv4utvsceNu0D6n5XZ',
      'rsy/KLNbmW8rd46GlPmO8rygzH8p731E5+pW9mrlxYsHtWKpSiJBMRIMEYkF0vpdKE5XRcuNyzoDeY/eAMNvyuZfT6FtUdF2qmh6m2mabylfNI',
      '4BDOS6ia1AHjtlBaNqBZtqBVfzCmSYzrlsdYtEg1JQihFRnehP+q8j7xB4Adv/rY5njAbymkEhlTlFIJNKoG7VJ08tmFMl2CKdS8VcKIRS4faf',
      'r4ukXMnu57fIccCAHj+tLCOeQsF6n5NHUFF4VEXhcTpv7m5e3D3IbctHRIzn4vJ0JE9iUkFKSKFCQ1V2fBPlSlmeVPx/icBT2Diba+ZtroTmSl',
      'qaO2PiTUFECqKGFM7Sfwtv8SIoXkRT/7t4UwgjhXCL+G/lLR79OxjT1P9u3hSiSCHaIv7beYsXR/Himvpv401hGilMa+7/Ner/NY7ezztQOJtC',
      'bu0BhLOqhFNnbbdKuBVFOJEGO7GR7DTzv4e3/wmkkdDc/30CCWycvO/l7T3NfaKksffzTt406tlP1JbGWfjv4i0czX1iRGv/+3jToNlPDJ9//z',
      '28haO5T4xp7b+bNw2a/cTo+fffy1s4mvvEuNb+9/OmQbOfOH3+/fdxFk6i2U/SOvvND/D2n2Y/MXH+/R/k7X/9vp/m+c/PmwbNf1IL5L8Ab+Fo',
      '/pM0z39DvGnQ/Ce1QP4b4S0czX+S5vlvmDcNmv+kFsh/o7yFo/lP0jz/Cbxp0PwnPYT8B2g+JDr/Gf2AH+Mx3v7T/CdpnP/+Bp1VmAA=',
    ].join(''),
    'base64',
  ),
);
