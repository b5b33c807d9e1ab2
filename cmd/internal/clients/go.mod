module postern/cmd/internal/clients

go 1.26

require github.com/piusalfred/whatsapp v0.1.12

ignore ./npm
