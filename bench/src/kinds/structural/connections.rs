//! Connection strings of databases, brokers and clouds.

use super::Structure;
use crate::format::{base64, value};
use crate::random::Random;

/// Connection strings of databases, brokers and clouds.
pub const CONNECTIONS: &[Structure] = &[
    structure!("postgres URL", |r| url("postgres", ":5432/app?sslmode=require", r)),
    structure!("postgresql URL with a driver", |r| url("postgresql+psycopg2", ":5432/app", r)),
    structure!("MySQL URL", |r| url("mysql", ":3306/app", r)),
    structure!("MariaDB URL", |r| url("mariadb", ":3306/app", r)),
    structure!("MongoDB URL", |r| url("mongodb", ":27017/app?authSource=admin", r)),
    structure!("MongoDB SRV URL", |r| url("mongodb+srv", "/app?retryWrites=true&w=majority", r)),
    structure!("AMQP URL", |r| url("amqps", ":5671/vhost", r)),
    structure!("ClickHouse URL", |r| url("clickhouse", ":9000/default", r)),
    structure!("Neo4j URL", |r| url("neo4j+s", ":7687", r)),
    structure!("SMTP URL", |r| url("smtps", ":465", r)),
    structure!("FTP URL", |r| url("ftp", "/pub/file.gz", r)),
    structure!("SSH or SFTP URL", |r| url("sftp", "/srv/data", r)),
    structure!("LDAP URL", |r| url("ldaps", ":636/dc=corp", r)),
    structure!("CockroachDB URL", |r| url("cockroachdb", ":26257/app", r)),
    structure!("MSSQL URL", |r| url("mssql", ":1433/app", r)),
    structure!("HTTPS URL with password", |r| url("https", "/repo.git", r)),
    structure!("proxy variable", |r| {
        let (text, secrets) = url("http", ":3128", r);
        (format!("https_proxy={text}"), secrets)
    }),
    structure!("git remote with a token for a user", |r| {
        let token = value("<w:36>", r);
        (format!("origin\thttps://{token}@git.{}.io/app.git (fetch)\n", r.word()), vec![token])
    }),
    structure!("git remote with user and password", |r| {
        let (text, secrets) = url("https", "/app.git", r);
        (format!("origin\t{} (push)\n", text.trim_end()), secrets)
    }),
    structure!("Redis URL without a user", |r| {
        let password = value("<w:24>", r);
        (format!("REDIS_URL=rediss://:{password}@cache.{}.internal:6380/0\n", r.word()), vec![password])
    }),
    structure!("JDBC URL with parameters", |r| {
        let password = value("<w:18>", r);
        (
            format!("jdbc:postgresql://db.{}.internal:5432/app?user=app&password={password}&ssl=true\n", r.word()),
            vec![password],
        )
    }),
    structure!("JDBC URL for Oracle", |r| {
        let password = value("<w:14>", r);
        (format!("jdbc:oracle:thin:app/{password}@db.{}.internal:1521/ORCL\n", r.word()), vec![password])
    }),
    structure!("JDBC URL for SQL Server", |r| {
        let password = value("<w:18>", r);
        let text =
            format!("jdbc:sqlserver://db:1433;databaseName={};user=sa;password={password};encrypt=true\n", r.word());
        (text, vec![password])
    }),
    structure!("ADO.NET connection string", |r| {
        let password = value("<p:18>", r);
        let text =
            format!("Server=tcp:{}.db.net,1433;Database=app;User ID=sa;Password={password};Encrypt=True;\n", r.word());
        (text, vec![password])
    }),
    structure!("ADO.NET with Pwd", |r| {
        let password = value("<w:16>", r);
        (format!("\"Default\": \"Server=db;Database={};Uid=app;Pwd={password};\"\n", r.word()), vec![password])
    }),
    structure!("ODBC connection string", |r| {
        let password = value("<w:16>", r);
        (
            format!("DRIVER={{ODBC Driver 18}};SERVER={};UID=sa;PWD={password};TrustServerCertificate=yes\n", r.word()),
            vec![password],
        )
    }),
    structure!("libpq keywords", |r| {
        let password = value("<w:20>", r);
        (
            format!("host=db.{} port=5432 user=app password={password} dbname=app sslmode=require\n", r.word()),
            vec![password],
        )
    }),
    structure!("Go MySQL DSN", |r| {
        let password = value("<w:16>", r);
        (format!("dsn: app:{password}@tcp(db.{}:3306)/app?parseTime=true\n", r.word()), vec![password])
    }),
    structure!("Azure storage connection string", |r| {
        let key = value("<b64:64>", r);
        let text = format!(
            "DefaultEndpointsProtocol=https;AccountName={};AccountKey={key};EndpointSuffix=core.windows.net\n",
            r.word()
        );
        (text, vec![key])
    }),
    structure!("Azure Service Bus connection string", |r| {
        let key = key32(r);
        let text = format!(
            "Endpoint=sb://{}.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key}\n",
            r.word()
        );
        (text, vec![key])
    }),
    structure!("Azure Cosmos DB connection string", |r| {
        let key = value("<b64:64>", r);
        (format!("AccountEndpoint=https://{}.documents.azure.com:443/;AccountKey={key};\n", r.word()), vec![key])
    }),
    structure!("Azure IoT Hub connection string", |r| {
        let key = key32(r);
        let host = r.word();
        (
            format!("HostName={host}.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey={key}\n"),
            vec![key],
        )
    }),
    structure!("Sentry DSN with a secret", |r| {
        let (public, secret) = (r.hex(32), r.hex(32));
        (format!("SENTRY_DSN=https://{public}:{secret}@sentry.{}.io/42\n", r.word()), vec![secret])
    }),
];

fn url(scheme: &str, rest: &str, random: &mut Random) -> (String, Vec<String>) {
    let password = value("<w:20>", random);
    (format!("{scheme}://app:{password}@db.{}.internal{rest}\n", random.word()), vec![password])
}

fn key32(random: &mut Random) -> String {
    base64(&random.bytes(32))
}
