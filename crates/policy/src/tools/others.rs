//! Tools of which only the options are known that send what they are lent to another place.

use super::{Options, Tool, nothing_more};

const ADDRESS: &str =
    "names the server that gets the credential; leave it out, or set it in your own configuration of the tool";
const UNPROVED: &str = "lets any server pass for the right one; leave it out";
const RUNS: &str = "runs another program, which would have the credential too; leave it out";

const fn tool(names: &'static str, source: &'static str, refused: &'static [(&'static str, &'static str)]) -> Tool {
    Tool {
        names,
        source,
        general: Options { refused, ..Options::NONE },
        commands: &[],
        other_commands: None,
        rest_is_harmless: false,
        abbreviates: true,
        inspect: nothing_more,
    }
}

pub(super) const TOOLS: &[Tool] = &[
    tool(
        "aws",
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html",
        &[("--endpoint-url", ADDRESS), ("--no-verify-ssl --ca-bundle", UNPROVED)],
    ),
    tool(
        "kubectl oc",
        "https://kubernetes.io/docs/reference/kubectl/kubectl/",
        &[
            ("-s --server --kubeconfig --tls-server-name", ADDRESS),
            ("--insecure-skip-tls-verify --certificate-authority", UNPROVED),
        ],
    ),
    tool(
        "gcloud",
        "https://cloud.google.com/sdk/gcloud/reference",
        &[
            ("--api-endpoint-overrides --access-token-file --flags-file", ADDRESS),
            ("--log-http", "prints what is sent; leave it out"),
        ],
    ),
    tool(
        "az",
        "https://learn.microsoft.com/cli/azure/reference-index",
        &[("--debug", "prints what is sent; leave it out")],
    ),
    tool(
        "npm pnpm yarn",
        "https://docs.npmjs.com/cli/using-npm/config",
        &[
            ("--registry --userconfig --globalconfig --proxy --https-proxy", ADDRESS),
            ("--script-shell --node-options", RUNS),
        ],
    ),
    tool(
        "docker podman",
        "https://docs.docker.com/reference/cli/docker/",
        &[("-H --host --config --context", ADDRESS)],
    ),
    tool("twine", "https://twine.readthedocs.io/", &[("--repository-url --repository --config-file --cert", ADDRESS)]),
    tool("cargo", "https://doc.rust-lang.org/cargo/commands/cargo.html", &[("--index --config", ADDRESS)]),
    tool("glab", "https://gitlab.com/gitlab-org/cli/-/tree/main/docs/source", &[("--hostname", ADDRESS)]),
];
