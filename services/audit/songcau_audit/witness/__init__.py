"""The witness: a process with its own key and memory that signs a checkpoint only where it continues the last one."""
