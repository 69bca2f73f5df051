//! gnome-keyring on a bus of its own. The stock configuration of a session bus starts services by itself: a first question
//! would start a second, locked keyring before ours has the name. So the bus has a configuration without that.

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use crate::{Home, made_up, needs, wait_for};

/// A bus, and perhaps a keyring on it. Both end with it.
pub struct Bus {
    daemon: Child,
    keyring: Option<Child>,
    password: String,
}

impl Bus {
    /// A bus without a keyring, named to everything that is run in the home.
    pub fn start(home: &mut Home) -> Self {
        needs("dbus-daemon", "dbus-bin");
        let socket = home.path().join("run/bus");
        let address = format!("unix:path={}", socket.display());
        let configuration = home.path().join("bus.conf");
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
             <busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n"
        );
        fs::write(&configuration, text).unwrap();
        let option = format!("--config-file={}", configuration.display());
        let mut command = home.command("dbus-daemon", &[&option, "--nofork", "--nopidfile"]);
        let daemon = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for("the bus", || socket.exists());
        home.set("DBUS_SESSION_BUS_ADDRESS", address);
        Self { daemon, keyring: None, password: made_up("login") }
    }

    /// Puts a keyring on the bus; it makes its collection when it is first unlocked.
    pub fn keyring(&mut self, home: &Home, unlocked: bool) {
        needs("gnome-keyring-daemon", "gnome-keyring");
        self.end_keyring();
        let control = format!("--control-directory={}", home.path().join("run/keyring").display());
        let mut arguments = vec!["--foreground", "--components=secrets", control.as_str()];
        if unlocked {
            arguments.push("--unlock");
        }
        let mut command: Command = home.command("gnome-keyring-daemon", &arguments);
        let mut keyring = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(self.password.as_bytes()).unwrap();
        self.keyring = Some(keyring);
        let state = if unlocked { "boolean false" } else { "boolean true" };
        wait_for("the keyring", || {
            let question = [
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
                "/org/freedesktop/secrets/aliases/default",
                "org.freedesktop.DBus.Properties.Get",
                "string:org.freedesktop.Secret.Collection",
                "string:Locked",
            ];
            let answer = home.command("dbus-send", &question).output().unwrap();
            String::from_utf8_lossy(&answer.stdout).contains(state)
        });
    }

    fn end_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            let _ = keyring.kill();
            let _ = keyring.wait();
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.end_keyring();
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
