//! What a credential is bound to, as far as the way it is handed over can bind it.

/// A repository on a server that speaks https.
#[derive(Clone, PartialEq, Eq)]
pub struct Repository {
    /// Host in lower case, with its port if that is not 443.
    pub host: String,
    /// Path without `/` at its ends and without `.git`.
    pub path: String,
}

/// A user's access to one database.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Database.
    pub database: String,
    /// User.
    pub user: String,
}

impl Repository {
    /// Reads `host/path`; `None` if it is anything else, an address with a scheme or a user among it.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, path) = text.split_once('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = path.strip_suffix(".git").unwrap_or(path);
        let host = host_of(host)?;
        let plain = |part: &str| {
            let letters = |b: u8| b.is_ascii_alphanumeric() || b"-_.~+".contains(&b);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(letters)
        };
        path.split('/').all(plain).then(|| Self { host, path: path.to_owned() })
    }

    /// Reads an https address as git takes it; `None` if it is none.
    pub fn of_address(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Self::parse(&format!("{host}/{}", path.trim_start_matches('/')))
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

impl Database {
    /// Reads `host:port/database/user`; `None` if it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (Some(server), Some(database), Some(user), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let (host, port) = server.rsplit_once(':')?;
        // pgpass has `*` for "any" and `:` between its fields: bound means written out.
        let plain = |part: &str| {
            !part.is_empty() && !part.contains(['*', ':', '\\', '@']) && !part.contains(char::is_whitespace)
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).map_or_else(
            || plain(host).then_some(host),
            |address| address.parse::<std::net::Ipv6Addr>().is_ok().then_some(address),
        )?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        (plain(database) && plain(user)).then(|| Self {
            host: host.to_ascii_lowercase(),
            port,
            database: database.to_owned(),
            user: user.to_owned(),
        })
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, database, user } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}/{database}/{user}")
        } else {
            write!(f, "{host}:{port}/{database}/{user}")
        }
    }
}

/// Reads a host with or without a port, in lower case and without https' own port; `None` if it is anything else.
pub fn host_of(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().ok().filter(|port| *port != 0)?)),
        _ => (text.as_str(), None),
    };
    let is_address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let letters = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    let is_name = !host.is_empty() && host.bytes().all(letters) && !host.starts_with(['-', '.']);
    (is_address || is_name).then(|| match port.filter(|port| *port != 443) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_a_host_and_a_path() {
        let shown = |text: &str| Repository::parse(text).map(|repository| repository.to_string());
        assert_eq!(shown("GitHub.com/acme/site.git").as_deref(), Some("github.com/acme/site"));
        assert_eq!(shown("localhost:8443/a/b/").as_deref(), Some("localhost:8443/a/b"));
        assert_eq!(shown("h:443/a").as_deref(), Some("h/a"));
        for wrong in ["github.com", "github.com/", "https://github.com/a/b", "u@h/a", "h/a/../b", "h/a//b", "h/*", "/a"]
        {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_is_read_as_git_takes_it() {
        let shown = |text: &str| Repository::of_address(text).map(|repository| repository.to_string());
        assert_eq!(shown("https://github.com/acme/site.git").as_deref(), Some("github.com/acme/site"));
        assert_eq!(shown("HTTPS://me@GitHub.com:443//acme/site").as_deref(), Some("github.com/acme/site"));
        assert_eq!(shown("https://github.com@evil.example/acme/site").as_deref(), Some("evil.example/acme/site"));
        for wrong in
            ["http://github.com/a/b", "ssh://github.com/a/b", "git@github.com:a/b", "https://h", "https://h/%61"]
        {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_database_is_named_whole() {
        let shown = |text: &str| Database::parse(text).map(|database| database.to_string());
        assert_eq!(shown("DB.local:5432/shop/reader").as_deref(), Some("db.local:5432/shop/reader"));
        assert_eq!(shown("[::1]:5432/shop/reader").as_deref(), Some("[::1]:5432/shop/reader"));
        for wrong in ["db/shop/reader", "db:0/a/b", "db:5432/a", "db:5432/*/b", "*:1/a/b", "db:1/a/b/c", "::1:5432/a/b"]
        {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
