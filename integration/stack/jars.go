package stack

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
)

// The poms are compiled in because a folder of jars is named after its pom's checksum: that way a test
// never runs against jars of another version than the source tree pins.
//
//go:embed maven/*/pom.xml log4j2.properties
var embedded embed.FS

// CacheDir is where install.sh puts the jars: $TIDEMARK_STACK_CACHE, or ~/.cache/tidemark-stack.
func CacheDir() (string, error) {
	if dir := os.Getenv("TIDEMARK_STACK_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the stack's cache (or set TIDEMARK_STACK_CACHE): %w", err)
	}
	return filepath.Join(home, ".cache", "tidemark-stack"), nil
}

// jars returns the installed folder of maven/<name>.
func (o Options) jars(name string) (string, error) {
	pom, err := embedded.ReadFile(path.Join("maven", name, "pom.xml"))
	if err != nil {
		return "", fmt.Errorf("no folder %q in integration/stack/maven", name)
	}
	cache := o.Cache
	if cache == "" {
		if cache, err = CacheDir(); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(pom)
	dir := filepath.Join(cache, name+"-"+hex.EncodeToString(sum[:])[:12])
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("the jars of %s are not installed, run integration/stack/install.sh: %w", name, err)
	}
	return dir, nil
}

func findJava() (string, error) {
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	java, err := exec.LookPath(java)
	if err != nil {
		return "", fmt.Errorf("find Java 17, run integration/stack/install.sh: %w", err)
	}
	return java, nil
}

// javaSpec runs a main class of the Kafka jars. Every Java server logs to its standard output.
func (o Options) javaSpec(dir, name string, heapMB int, class string, args ...string) (spec, error) {
	java, err := findJava()
	if err != nil {
		return spec{}, err
	}
	libs, err := o.jars("kafka")
	if err != nil {
		return spec{}, err
	}
	settings, err := embedded.ReadFile("log4j2.properties")
	if err != nil {
		return spec{}, err
	}
	logging := filepath.Join(dir, "log4j2.properties")
	if err := os.WriteFile(logging, settings, 0o644); err != nil {
		return spec{}, err
	}
	return spec{
		name: name,
		path: java,
		args: slices.Concat(o.javaFlags(heapMB), []string{
			"-Dlog4j2.configurationFile=" + logging, "-cp", filepath.Join(libs, "*"), class,
		}, args),
		dir: dir,
		log: filepath.Join(dir, name+".log"),
	}, nil
}
