# Installs the version of abi3lint that ABI3LINT_VERSION names, where nothing of the checkout says how: no .npmrc, no
# package.json. Without a version it is that of the action.
set -euo pipefail
version=${ABI3LINT_VERSION:-}
if [ -z "$version" ]; then
  version=$(node -p 'require(process.env.GITHUB_ACTION_PATH + "/package.json").version')
fi
case "$version" in
  *.tgz) package=$(cd "$(dirname -- "$version")" && pwd)/$(basename -- "$version") ;;
  *[!0-9A-Za-z.+^~-]* | -*)
    echo 'error: version: as 0.1.0 or ^0.1.0, or the path of a .tgz'
    exit 2
    ;;
  *) package=abi3lint@$version ;;
esac
mkdir -p "$RUNNER_TEMP/abi3lint"
cd "$RUNNER_TEMP/abi3lint"
printf '{ "private": true }\n' > package.json
npm install --prefix . --no-save --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error -- "$package"
