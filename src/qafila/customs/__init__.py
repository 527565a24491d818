"""customs"""
