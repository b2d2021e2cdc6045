"""What `POST /ocr` takes and answers."""
