"""The pages for the browser: plain files, which reach the service only through HTTP."""
