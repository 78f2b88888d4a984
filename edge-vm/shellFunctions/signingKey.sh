# The key that signs packages.microsoft.com for Ubuntu up to 24.04 and Debian up to 12.
key_fingerprint=BC528686B50D79E339D3721CEB3E94ADBE1229CF
