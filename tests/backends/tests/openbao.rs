//! `kv:` against the real OpenBao: both versions of the engine, over http and https, with a token that may read one path.

use stanch_backends::openbao::OpenBao;
use stanch_backends::{Home, made_up};

#[test]
fn both_engines_are_read_and_a_policy_holds() {
    let home = Home::new();
    let bao = OpenBao::start(&home, false);
    let (first, second, other) = (made_up("first"), made_up("second"), made_up("other"));
    bao.bao(&home, &["secrets", "enable", "-path=old/one", "-version=1", "kv"], "");
    bao.bao(&home, &["kv", "put", "-mount=old/one", "ci", "token=-"], &first);
    bao.bao(&home, &["kv", "put", "-mount=secret", "team/ci", "token=-"], &second);
    bao.bao(&home, &["kv", "put", "-mount=secret", "team/other", "token=-"], &other);
    let policy = "path \"secret/data/team/ci\" { capabilities = [\"read\"] }\npath \"old/one/ci\" { capabilities = [\"read\"] }\n";
    bao.bao(&home, &["policy", "write", "agent", "-"], policy);
    let token = bao.bao(&home, &["token", "create", "-policy=agent", "-field=token"], "");

    let mut home = home;
    home.set("AGENT_TOKEN", &token);
    let sources = format!("[sources.kv]\naddress = {:?}\ntoken = \"env:AGENT_TOKEN\"\n", bao.address);
    let fetch = |reference: &str| home.fetch(reference, &sources);
    assert_eq!(fetch("kv:secret/team/ci#token").as_ref(), Ok(&second));
    assert_eq!(fetch("kv:old/one/ci#token").as_ref(), Ok(&first));
    assert_eq!(fetch("bao:secret/team/ci?version=2#token").as_ref(), Ok(&second));
    let host = bao.address.trim_start_matches("http://");
    assert_eq!(fetch(&format!("kv+http://{host}/secret/team/ci#token")).as_ref(), Ok(&second));

    for (reference, expected) in [
        ("kv:secret/team/other#token", "may not read this path (HTTP 403)"),
        ("kv:nosuch/mount#token", "may not read this path (HTTP 403)"),
        ("kv:secret/team/ci#nosuch", "has no such field"),
    ] {
        let wrong = fetch(reference).expect_err(reference);
        assert!(wrong.contains(expected), "{wrong}");
        assert!([&first, &second, &other, &token].iter().all(|value| !wrong.contains(*value)), "{wrong}");
    }

    // The root may see that there is nothing.
    home.set("AGENT_TOKEN", &bao.token);
    let fetch = |reference: &str| home.fetch(reference, &sources);
    assert!(fetch("kv:secret/team/nosuch#token").expect_err("nothing there").contains("no secret at this path"));
    bao.bao(&home, &["kv", "delete", "-mount=secret", "team/ci"], "");
    assert!(
        fetch("kv:secret/team/ci#token").expect_err("deleted").contains("no secret at this path, or it was deleted")
    );
    bao.bao(&home, &["token", "revoke", &token], "");
    home.set("AGENT_TOKEN", &token);
    assert!(home.fetch("kv:old/one/ci#token", &sources).expect_err("revoked").contains("HTTP 403"));
}

#[test]
fn a_certificate_that_is_not_trusted_is_not_spoken_to() {
    let mut home = Home::new();
    let bao = OpenBao::start(&home, true);
    let value = made_up("tls");
    bao.bao(&home, &["kv", "put", "-mount=secret", "ci", "token=-"], &value);
    home.set("BAO_TOKEN", &bao.token);
    home.set("BAO_ADDR", &bao.address);
    let wrong = home.fetch("kv:secret/ci#token", "").expect_err("not trusted");
    assert!(wrong.contains("certificate that is trusted here") && wrong.contains("ca_file"), "{wrong}");

    let file = OpenBao::ca_file(&home);
    let sources = format!("[sources.kv]\nca_file = {:?}\n", file.to_str().expect("a path"));
    assert_eq!(home.fetch("kv:secret/ci#token", &sources).as_ref(), Ok(&value));
    let host = bao.address.trim_start_matches("https://");
    assert_eq!(home.fetch(&format!("kv://{host}/secret/ci#token"), &sources).as_ref(), Ok(&value));
    // The same through the command, which is static: names are looked up, and certificates checked, in that build, too.
    home.set("BAO_CACERT", file.to_str().expect("a path"));
    let port = host.rsplit(':').next().expect("a port");
    let said = home.stanch(&["list", "--check", &format!("kv://localhost:{port}/secret/ci#token")], "");
    assert_eq!((said.code, said.out.contains(&format!("ok, {} bytes", value.len()))), (0, true), "{}", said.all());
    assert!(!said.all().contains(&value));
}
