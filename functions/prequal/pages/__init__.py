"""What people read: pages and mails, from templates, in the reader's language."""
