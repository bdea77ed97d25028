"""Who may act for whom: granted, asked, ended, and who covers whom now."""
