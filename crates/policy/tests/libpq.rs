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
        + psql 'host=db.local port=5432 dbname=shop user=reader sslmode=require' -c 'select 1'
        + psql postgresql://reader@db.local:5432/shop?sslmode=require -c 'select 1'
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
    check(PG, "[\"pg_dump\"]", "+ pg_dump -h db.local -U reader -d shop\n for pg_dump -d 'hostaddr=6.6.6.6'");
}
