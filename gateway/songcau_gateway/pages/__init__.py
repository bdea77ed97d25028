"""Pages for people, without anything from outside: one style sheet inside each page, named by its hash in the policy."""
