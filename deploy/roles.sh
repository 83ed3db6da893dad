#!/usr/bin/env bash
# Runs once, when the PostgreSQL container makes its data: the two roles, and the database that belongs to the first.
set -euo pipefail
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set owner_password="$GEZHI_OWNER_PASSWORD" --set app_password="$GEZHI_APP_PASSWORD" <<'SQL'
CREATE ROLE gezhi_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE gezhi_app LOGIN PASSWORD :'app_password';
CREATE DATABASE gezhi OWNER gezhi_owner TEMPLATE template0;
REVOKE CONNECT ON DATABASE gezhi FROM PUBLIC;
GRANT CONNECT ON DATABASE gezhi TO gezhi_app;
SQL
