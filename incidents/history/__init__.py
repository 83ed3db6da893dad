"""Large, believable sets of incidents, written straight into the tables, and the proof that each could have happened.

The maker (`making`) tells lives by the incident table with a small engine of its own and copies the rows; the checker
(`checking`) shares none of its code: it reads the tables and walks every case by the real engine's rules.
"""
