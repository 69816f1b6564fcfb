"""What the figures in the documentation are made with. Each program prints its own."""
