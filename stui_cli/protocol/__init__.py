"""stui protocol 1: MessagePack-RPC without I/O. Bytes in, events out (DESIGN section 4)."""
