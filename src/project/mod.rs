//! Finding and loading a user's files: `hookctl.yaml`, the script files, the fixtures, the env file.
