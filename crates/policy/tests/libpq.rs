//! Which commands of psql's family are lent a password, and why not.

mod common;

use common::check;

const PG: &str = "[lend.shop]\nsource = \"keyring:shop\"\nby = \"pgpass\"\nfor = \"db.local:5432/shop/reader\"\nrepositories = [\"*\"]\n";

#[test]
fn psql_is_lent_for_its_database_and_runs_nothing_here() {
    let cases = "
        + psql -c 'select 1'
        + psql -Atc 'select 1'
        + psql -h db.local -p 5432 -U reader -d shop -c 'select 1'
        + psql -h DB.LOCAL shop reader -c '\\dt'
        + psql --host=db.local --command='select 1' -v ON_ERROR_STOP=1
        + psql 'host=db.local port=5432 dbname=shop user=reader sslmode=verify-full' -c 'select 1'
        + psql postgresql://reader@db.local:5432/shop?sslmode=verify-full -c 'select 1'
        + psql -l
        + psql -c 'select ''\\! env'''
        escapes psql
        escapes psql shop
        escapes psql -f -
        escapes psql --file=-
        tools psql -f schema.sql
        escapes psql -c '\\! env'
        escapes psql -c '  \\! env'
        escapes psql -Atc '\\! env'
        escapes psql -c'\\! env'
        escapes psql --command '\\! env'
        escapes psql --comm='\\! env'
        escapes psql -c 'select 1' -c '\\copy t to program ''x'''
        escapes psql -c '\\o |cat' -c 'select 1'
        escapes psql -c 'select 1' -o '|cat'
        escapes psql -c 'select 1' --output='| cat'
        escapes psql -c 'select 1' -v 'PROMPT1=%`env`'
        escapes psql -c 'select 1' --set=prompt2=x
        escapes psql -W -c 'select 1'
        escapes psql -c '\\d' -o /proc/self/environ
        for psql -h evil -c 'select 1'
        for psql -hevil -c 'select 1'
        for psql -p 5433 -c 'select 1'
        for psql -U admin -c 'select 1'
        for psql other -c 'select 1'
        for psql shop admin -c 'select 1'
        for psql 'host=db.local hostaddr=6.6.6.6' -c 'select 1'
        for psql 'service=x' -c 'select 1'
        for psql -d 'host = evil' -c 'select 1'
        for psql postgres://reader@evil/shop -c 'select 1'
        for psql postgres://db.local/shop?host=evil -c 'select 1'
        for psql postgres://db.local/shop?%68ost=evil -c 'select 1'
        for psql postgres://db.local,evil/shop -c 'select 1'
        named pg_dump shop";
    check(PG, "[\"psql\"]", cases);
    check(PG, "[\"psql -f schema.sql\"]", "+ psql -f schema.sql\n tools psql -f other.sql\n escapes psql -f -");
    check(
        PG,
        "[\"psql **\"]",
        "+ psql -f any.sql\n escapes psql -f -\n escapes psql --comm '\\! env'\n escapes psql -q",
    );
}

/// As the programs' own manuals and `--help` have it: what PostgreSQL 15 does with each of these was tried.
#[test]
fn every_program_of_libpq_is_held_to_its_database() {
    const STRANGE: &str = "'host=db.local hostaddr=6.6.6.6'";
    for tool in ["pg_dump", "vacuumdb", "reindexdb", "clusterdb", "pgbench", "vacuumlo", "pg_amcheck"] {
        let cases = format!(
            "+ {tool} shop
             + {tool} -h db.local -U reader -d shop
             + {tool} 'host=db.local dbname=shop'
             + {tool} postgresql://reader@db.local/shop
             for {tool} {STRANGE}
             for {tool} other
             for {tool} -v {STRANGE}
             for {tool} -d shop {STRANGE}
             for {tool} shop other
             for {tool} postgresql://reader@evil/shop
             for {tool} -- {STRANGE}"
        );
        check(PG, &format!("[\"{tool} **\"]"), &cases);
    }
    for tool in [
        "pg_dump",
        "pg_dumpall",
        "pg_restore",
        "pg_isready",
        "vacuumdb",
        "reindexdb",
        "clusterdb",
        "pgbench",
        "pg_basebackup",
    ] {
        let cases = format!(
            "+ {tool} -d shop
             for {tool} -d {STRANGE}
             for {tool} -d{STRANGE}
             for {tool} --dbname {STRANGE}
             for {tool} --dbname={STRANGE}
             for {tool} --dbn={STRANGE}
             for {tool} --dbn {STRANGE}
             for {tool} -d other
             for {tool} -h evil
             escapes {tool} -W -d shop"
        );
        check(PG, &format!("[\"{tool} **\"]"), &cases);
    }
    for tool in ["createdb", "dropdb", "vacuumdb", "reindexdb", "clusterdb"] {
        let cases = format!(
            "+ {tool} --maintenance-db=shop
             for {tool} --maintenance-db={STRANGE}
             for {tool} --maintenance-db {STRANGE}
             for {tool} --ma={STRANGE}"
        );
        check(PG, &format!("[\"{tool} **\"]"), &cases);
    }
    check(PG, "[\"createdb\"]", "+ createdb new\n for createdb -h evil new");
    check(PG, "[\"pg_restore\"]", "+ pg_restore -d shop day=1.dump");
    let cases =
        format!("for pg_dumpall -l {STRANGE}\n for pg_dumpall --database={STRANGE}\n for pg_dumpall -t -d {STRANGE}");
    check(PG, "[\"pg_dumpall **\"]", &cases);
    // One letter, with a value in one program and without in another.
    check(
        PG,
        "[\"pgbench **\"]",
        &format!(
            "+ pgbench -c 10 -j 2 -T 60 -n shop\n for pgbench -n {STRANGE}\n for pgbench -n -d {STRANGE}\n escapes pgbench -f -\n \
             escapes pgbench -f -@3\n + pgbench -f script.sql"
        ),
    );
    check(PG, "[\"pg_basebackup **\"]", &format!("for pg_basebackup -n -d {STRANGE}\n + pg_basebackup -D /b -c fast"));
}

#[test]
fn a_connection_does_not_weaken_how_the_server_is_proved() {
    for tool in ["psql -c x", "pg_dump", "pg_isready", "vacuumdb", "pgbench"] {
        let cases = format!(
            "+ {tool} -d 'sslmode=verify-full channel_binding=require require_auth=scram-sha-256 connect_timeout=3'
             for {tool} -d 'sslmode=disable'
             for {tool} -d 'sslmode=require'
             for {tool} -d 'channel_binding=disable'
             for {tool} -d 'require_auth=password'
             for {tool} -d 'sslrootcert=/tmp/forged.pem'
             for {tool} -d 'gssencmode=disable'
             for {tool} -d 'passfile=/tmp/x'
             for {tool} -d 'service=x'
             for {tool} -d postgres://db.local/shop?sslmode=disable
             for {tool} -d postgres://db.local/shop?hostaddr=6.6.6.6
             for {tool} -d postgres://db.local?application_name=x@evil/shop"
        );
        check(PG, &format!("[\"{} **\"]", tool.split(' ').next().unwrap_or_default()), &cases);
    }
}
