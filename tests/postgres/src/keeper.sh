# Keeps one PostgreSQL server: begins it, does what it is told line by line, and ends it with everything it wrote as soon
# as nobody tells it anything any more, however the one who did went away.
# $1: the folder with the server's programs. $2: prefix of the folder to make.
set -u
trap '' INT TERM HUP
bin=$1
folder=$(mktemp -d "$2.XXXXXX") || exit 1
exec 2>"$folder/log"
cd "$folder" || exit 1

server() {
    "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 "$@" >>"$folder/log" 2>&1 </dev/null
}

# Compares text by a language where it can: what must be compared byte by byte has to say so itself.
"$bin/initdb" -D data -U vestibule -A trust -E UTF8 --no-sync --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=en-US >>log 2>&1 </dev/null || {
    rm -rf data
    "$bin/initdb" -D data -U vestibule -A trust -E UTF8 --no-sync --locale=C >>log 2>&1 </dev/null
} || {
    cat log
    rm -rf "$folder"
    exit 1
}
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$folder'
unix_socket_permissions = 0777
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
END
chmod 0711 "$folder"
if server start; then
    echo "$folder"
else
    cat log
    rm -rf "$folder"
    exit 1
fi

# Does something to every process of the server, first to the one that begins the others: $* and the number of the process.
everyone() {
    postmaster=$(head -n 1 data/postmaster.pid) && "$@" "$postmaster" || return 1
    for process in $(cat "/proc/$postmaster/task/$postmaster/children"); do
        # It may be gone by now.
        "$@" "$process" || :
    done
}

while read -r order rest; do
    case $order in
    # Stops as the machine does when power fails, and begins again.
    crash) server -m immediate restart ;;
    restart) server -m fast restart ;;
    stop) server -m immediate stop ;;
    start) server start ;;
    # Its connections stay, and nobody is told that it is away.
    pause) everyone kill -STOP ;;
    resume) everyone kill -CONT ;;
    # So many bytes are in a file at most.
    limit) everyone prlimit "--fsize=$rest:" --pid ;;
    sql) "$bin/psql" -h "$folder" -U vestibule -d postgres -v ON_ERROR_STOP=1 -q -c "$rest" >>log 2>&1 </dev/null ;;
    *) false ;;
    esac && echo done || echo "failed: $(tail -n 3 log | tr '\n' ' ')"
done
everyone kill -CONT 2>>log
server -m immediate stop
cd /
rm -rf "$folder"
