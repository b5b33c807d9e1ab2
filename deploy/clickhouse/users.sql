-- Two users for Postern, to be run once by an administrator. On a cluster put
-- ON CLUSTER behind each name, or keep users in Keeper (user_directories).
-- A hash of zeros fits no password: put yours in, from
--   printf %s "$PASSWORD" | sha256sum
-- or name a certificate: IDENTIFIED WITH ssl_certificate CN 'postern-ship'.
CREATE ROLE IF NOT EXISTS postern_ship;
GRANT SELECT, INSERT, ALTER UPDATE, ALTER DELETE ON postern.* TO postern_ship;
GRANT SELECT ON system.tables TO postern_ship;
GRANT SELECT ON system.parts TO postern_ship;
GRANT SELECT ON system.mutations TO postern_ship;
GRANT SELECT ON system.detached_parts TO postern_ship;
GRANT SELECT ON system.processes TO postern_ship;

-- To migrate alone: granted for that time, revoked afterwards.
CREATE ROLE IF NOT EXISTS postern_migrate;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW, ALTER SETTINGS ON postern.* TO postern_migrate;

-- On a cluster, besides:
-- GRANT CLUSTER, REMOTE ON *.* TO postern_ship;

CREATE USER IF NOT EXISTS postern_ship
  IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000'
  DEFAULT ROLE postern_ship;
GRANT postern_ship, postern_migrate TO postern_ship;

-- Who asks. What it may see is said by "postern clickhouse access".
CREATE USER IF NOT EXISTS postern_read
  IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000';
