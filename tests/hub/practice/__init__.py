"""The practice Hub: a stand-in for the Hugging Face Hub, on loopback, for tests and demonstrations."""
