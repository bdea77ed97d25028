"""The register of breaches of personal data: the 72-hour clock, who was touched, the notice, the file that is kept."""
