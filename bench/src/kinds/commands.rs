//! Passwords in commands, statements and the settings of devices: texts with a hole for the value.

use super::structural::Structure;
use crate::format::value;
use crate::random::Random;

macro_rules! command {
    ($id:literal, $format:literal, $text:literal) => {
        Structure { id: $id, write: |r| filled($text, $format, r) }
    };
}

/// All kinds.
pub const COMMANDS: &[Structure] = &[
    command!("mongosh -p", "<w:14>", "mongosh mongodb://db/admin -u root -p •"),
    command!("az login -p", "<w:20>", "az login --service-principal -u app -p • --tenant acme"),
    command!("sqlcmd -P", "<w:14>", "sqlcmd -S db -U sa -P • -Q 'select 1'"),
    command!("mosquitto_pub -P", "<w:14>", "mosquitto_pub -h mq -u dev -P • -t t -m on"),
    command!("7z -p", "<w:14>", "7z a -p• backup.7z /data"),
    command!("ldapsearch -w", "<w:14>", "ldapsearch -x -D cn=admin,dc=acme -w • -b dc=acme"),
    command!("smbclient -U", "<w:14>", "smbclient //srv/share -U dev%•"),
    command!("lftp -u", "<w:14>", "lftp -u dev,• sftp://files.acme.io"),
    command!("echo to sudo -S", "<w:14>", "echo '•' | sudo -S apt update"),
    command!("echo to docker login", "<w:24>", "echo • | docker login -u ci --password-stdin registry.acme.io"),
    command!("keytool -storepass", "<w:14>", "keytool -genkey -keystore k.jks -storepass • -alias a"),
    command!("kubectl --from-literal", "<w:20>", "kubectl create secret generic db --from-literal=conn=•"),
    command!("gh secret set --body", "<w:30>", "gh secret set DEPLOY --body \"•\""),
    command!("cargo login", "<w:32>", "cargo login •"),
    command!("expect's send", "<w:14>", "send \"•\\r\""),
    command!("net user", "<w:14>", "net user deploy • /add"),
    command!("schtasks /rp", "<w:14>", "schtasks /create /tn job /ru dev /rp •"),
    command!("registry value", "<w:14>", "    DefaultPassword    REG_SZ    •"),
    command!("sqlplus", "<w:14>", "sqlplus -s system/•@//db:1521/XE @run.sql"),
    command!("Oracle's IDENTIFIED BY", "<w:16>", "ALTER USER scott IDENTIFIED BY •;"),
    command!("Redis ACL", "<w:16>", "ACL SETUSER app on >• ~* +@all"),
    command!("SCRAM verifier", "<b64:16>$<b64:32>:<b64:32>", "ALTER ROLE app PASSWORD 'SCRAM-SHA-256$4096:•';"),
    command!("mysqli", "<w:14>", "$db = new mysqli('localhost', 'root', '•', 'shop');"),
    command!("SetBasicAuth", "<w:14>", "req.SetBasicAuth(\"dev\", \"•\")"),
    command!("createHmac", "<h:64>", "crypto.createHmac('sha256', '•')"),
    command!("SNMP community", "<w:14>", "snmp-server community • RO"),
    command!("RADIUS key", "<w:14>", "radius-server host 10.0.0.7 key •"),
    command!("SMTP relay", "<w:16>", "[smtp.acme.io]:587 dev@acme.io:•"),
    command!("AUTH PLAIN", "<b64:24>", "C: AUTH PLAIN •"),
    command!("cookie of curl", "<w:40>", "curl -b 'sid=•' https://acme.io"),
    command!("cookie jar", "<w:40>", ".acme.io\tTRUE\t/\tTRUE\t1767225600\tsid\t•"),
    command!("SAML response", "<b64:900>", "SAMLResponse=•&RelayState=x"),
    command!("reset link", "<u:43>", "https://app.acme.io/reset_password/•"),
    command!("device code", "<u:40>", "{\"device_code\": \"•\", \"user_code\": \"WDJB-MJHT\"}"),
    command!("SecureString", "<w:30>", "{\"Name\": \"/prod/x\", \"Type\": \"SecureString\", \"Value\": \"•\"}"),
    command!("OAuth 1 signature", "<w:24>%3D", "Authorization: OAuth oauth_signature=\"•\", oauth_version=\"1.0\""),
];

/// The text with a value in its hole.
fn filled(text: &str, format: &str, random: &mut Random) -> (String, Vec<String>) {
    let secret = value(format, random);
    (text.replacen('•', &secret, 1) + "\n", vec![secret])
}
