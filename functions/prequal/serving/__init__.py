"""Page, function and the sending of mails on one machine. `prequal dev` shares the application. Never deployed."""
