#!/usr/bin/env bash
# Runs a command beside a temporary PostgreSQL server, which ends with the command:
#   scripts/postgres.sh cargo test --release postgres
# HUITOU_TEST_PG has the URL of a superuser for the command, HUITOU_TEST_PG_CA the certificate of the authority that signed the
# server's certificate. The server listens on a free port of 127.0.0.1 and on a socket in its folder. If PostgreSQL is missing and
# this script runs as root on Debian, it installs PostgreSQL.
set -euo pipefail

if [ $# = 0 ]; then
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi

programs() {
    find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1
}

bin=$(programs)
if [ -z "$bin" ] && command -v initdb >/dev/null; then
    bin=$(dirname "$(command -v initdb)")
fi
if [ -z "$bin" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo 'PostgreSQL is not installed: install its server first (Debian: apt-get install postgresql)' >&2
        exit 1
    fi
    {
        apt-get update --quiet
        apt-get install --yes --quiet --no-install-recommends postgresql-common openssl
        # The installation must not start a server of the system on the usual port.
        sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
        apt-get install --yes --quiet --no-install-recommends postgresql
    } >&2
    bin=$(programs)
fi

folder=$(mktemp -d)
socket_folder=$folder/socket
data=$folder/data
log=$folder/server.log

# initdb and the server refuse to run as root.
as_server=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_server=(runuser -u postgres --)
fi
quietly() {
    (cd / && "${as_server[@]}" "$@") >>"$folder/output.log" 2>&1 || {
        cat "$folder/output.log" >&2
        return 1
    }
}
touch "$folder/output.log"

end() {
    if [ -e "$data/postmaster.pid" ]; then
        quietly "$bin/pg_ctl" --pgdata="$data" --mode=immediate stop || true
    fi
    rm -rf "$folder"
}
trap end EXIT

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
quietly mkdir "$socket_folder"
quietly sh -c "umask 077; printf %s '$password' > '$folder/password'"
quietly "$bin/initdb" --pgdata="$data" --username=postgres --pwfile="$folder/password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync

# An authority, and a certificate from it for the name localhost and for no address.
quietly openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=huitou test authority' \
    -addext basicConstraints=critical,CA:TRUE -keyout "$folder/ca.key" -out "$folder/ca.crt"
quietly openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$data/server.key" -out "$folder/server.csr"
quietly sh -c "printf 'subjectAltName=DNS:localhost\n' > '$folder/names'"
quietly openssl x509 -req -days 2 -in "$folder/server.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial \
    -extfile "$folder/names" -out "$data/server.crt"
chmod a+rx "$folder"
chmod a+r "$folder/ca.crt"

# Another program can take the port before the server does: three attempts.
for trial in 1 2 3; do
    port=$(free_port)
    if quietly "$bin/pg_ctl" --pgdata="$data" --log="$log" --wait \
        --options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$socket_folder -c ssl=on -c fsync=off" start; then
        break
    fi
    if [ "$trial" = 3 ]; then
        cat "$log" >&2
        exit 1
    fi
done

export HUITOU_TEST_PG="postgresql://postgres:$password@127.0.0.1:$port/postgres"
export HUITOU_TEST_PG_CA="$folder/ca.crt"
"$@"
