//! The command line of `stanch plugin`.

use std::path::PathBuf;

use clap::Subcommand;

/// Commands about the plugin.
#[derive(Subcommand)]
pub enum Plugin {
    /// Make a plugin and the marketplace that it is installed from, with the executables in it.
    ///
    /// The folder must be new, empty, or made by this command before: then it is made anew, in one step. The client reads it
    /// in place whenever a session starts, so choose one that stays. Where there is a client (`claude`) on the PATH, it checks
    /// the plugin first.
    ///
    /// A plugin brings hooks alone: the shell prefix, which filters commands that fail or run in the background, '!' and MCP
    /// servers, needs `stanch install`. Both together are fine.
    #[command(
        after_help = "Examples:\n  stanch plugin build ~/.local/share/stanch-plugin\n  claude plugin marketplace add ~/.local/share/stanch-plugin && claude plugin install stanch@stanch\n  stanch plugin build --from target/release stanch-plugin"
    )]
    Build {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The folder with the executables; that of this command otherwise.
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
    },
}
