module songcau.example/oracle

go 1.24

require (
	github.com/transparency-dev/formats v0.0.0-20250421220931-bb8ad4d07c26
	golang.org/x/mod v0.26.0
)
