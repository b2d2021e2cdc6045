"""The page that people read with in a browser: plain files, which reach the service only through HTTP."""
