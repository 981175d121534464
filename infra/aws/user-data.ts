import { managementPort, publicPort } from "./names.ts";

export type StartUp = {
  /** The zip of the bundled server, on the instance. */
  readonly archive: string;
  readonly region: string;
  readonly logGroup: string;
  readonly managementSecretArn: string;
  /** Variables of this deployment; none of them holds a single quote. */
  readonly environment: Readonly<Record<string, string>>;
};

const home = "/opt/encore";
const environmentFile = "/etc/encore.env";
const logFile = "/var/log/encore.log";
const agentFolder = "/opt/aws/amazon-cloudwatch-agent";

/** What is the same on every node. */
const settings = {
  HOST: "0.0.0.0",
  PORT: String(publicPort),
  MANAGEMENT_HOST: "0.0.0.0",
  MANAGEMENT_PORT: String(managementPort),
  CLIENT_FOLDER: `${home}/client`,
  AUDIO_CACHE_MIB: "1024",
};

/**
 * Makes a server node of a new Amazon Linux 2023: Node.js, the code, a service that systemd keeps running as a user of
 * its own and that drains at SIGTERM. Done when the node can serve. What is secret is fetched at boot and lies in a file
 * that root alone reads.
 */
export const startCommands = (start: StartUp): string[] => [
  "set -euo pipefail",
  "dnf install -y nodejs24 unzip logrotate amazon-cloudwatch-agent",
  "useradd --system --no-create-home encore",
  `mkdir -p ${home} && unzip -q ${start.archive} -d ${home}`,
  `install -m 600 /dev/null ${environmentFile}`,
  file(environmentFile, variables({ ...settings, ...start.environment })),
  ...addSecret(start),
  ...addAddress,
  file("/etc/systemd/system/encore.service", unit),
  file("/etc/logrotate.d/encore", `${logFile} {\n  size 50M\n  rotate 4\n  compress\n  copytruncate\n}`),
  file(`${agentFolder}/etc/encore.json`, agent(start.logGroup)),
  "systemctl daemon-reload && systemctl enable --now encore",
  `${agentFolder}/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${agentFolder}/etc/encore.json || echo "Logs stay on this node"`,
  `timeout 300 bash -c 'until curl -fso /dev/null http://127.0.0.1:${publicPort}/readyz; do sleep 2; done'`,
];

/** Quoted, as systemd reads them: between single quotes everything is what it is. */
const variables = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}='${value}'`)
    .join("\n");

/** Each in two steps: the shell does not stop at a command that fails inside of an argument. */
const addSecret = ({ region, managementSecretArn }: StartUp): string[] => [
  `SECRET=$(aws secretsmanager get-secret-value --region ${region} --secret-id ${managementSecretArn} --query SecretString --output text)`,
  `echo "MANAGEMENT_SECRET='$SECRET'" >> ${environmentFile}`,
];

const metadata = "http://169.254.169.254/latest";
const addAddress = [
  `TOKEN=$(curl -fsX PUT ${metadata}/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')`,
  `ADDRESS=$(curl -fs ${metadata}/meta-data/local-ipv4 -H "X-aws-ec2-metadata-token: $TOKEN")`,
  `echo "MANAGEMENT_ADDRESS='http://$ADDRESS:${managementPort}'" >> ${environmentFile}`,
];

const file = (path: string, content: string): string => `cat > ${path} <<'END'\n${content}\nEND`;

const unit = `[Unit]
Description=Encore
Wants=network-online.target
After=network-online.target

[Service]
User=encore
EnvironmentFile=${environmentFile}
ExecStart=/usr/bin/node-24 ${home}/main.mjs
Restart=always
RestartSec=1
TimeoutStopSec=30
LimitNOFILE=65536
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
StandardOutput=append:${logFile}
StandardError=inherit

[Install]
WantedBy=multi-user.target`;

const agent = (logGroup: string): string =>
  JSON.stringify({
    logs: {
      logs_collected: {
        files: {
          collect_list: [{ file_path: logFile, log_group_name: logGroup, log_stream_name: "{instance_id}" }],
        },
      },
    },
  });
