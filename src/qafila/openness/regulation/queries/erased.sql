-- Entries of which a value was erased: they are in no figure that needs the value.
SELECT count(DISTINCT number) AS entries FROM span JOIN erased USING (number)
