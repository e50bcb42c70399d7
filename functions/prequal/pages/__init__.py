"""Pages and mails, rendered from templates in the language of the reader."""
