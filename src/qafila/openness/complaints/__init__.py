"""Complaints: a merchant files one, the hub acknowledges and answers it with reasons by a stated day, the regulator sees all."""
