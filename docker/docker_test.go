// Package docker holds no code. Its test compares the files beside it with each other and with go.mod.
package docker

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/cmd/tidemark/config"
)

type service struct {
	Image   string
	Ports   []string
	Volumes []string
	Command any
}

func TestImagesArePinned(t *testing.T) {
	images := []string{}
	for _, s := range services(t) {
		images = append(images, s.Image)
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(readFile(t, "Dockerfile"), -1) {
		images = append(images, m[1])
	}
	if len(images) < 7 {
		t.Fatalf("found the images %q, and not all there are", images)
	}
	for _, image := range images {
		if _, tag, ok := strings.Cut(image, ":"); !ok || tag == "latest" {
			t.Errorf("image %s has no fixed tag", image)
		}
	}
}

func TestPortsArePublishedOnLoopback(t *testing.T) {
	for name, s := range services(t) {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("service %s publishes %s", name, port)
			}
		}
	}
}

func TestBoundFilesAreThere(t *testing.T) {
	for name, s := range services(t) {
		for _, volume := range s.Volumes {
			file, _, _ := strings.Cut(volume, ":")
			if !strings.HasPrefix(file, "./") {
				continue
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("service %s: %v", name, err)
			}
		}
	}
}

func TestTopicsMadeAreTheOnesRead(t *testing.T) {
	c, err := config.Load("tidemark.yaml", unset)
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, table := range c.Tables {
		read = append(read, table.Source.Topic)
	}
	command, err := json.Marshal(services(t)["topics"].Command)
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`shop\.public\.\w+`).FindAllString(string(command), -1)
	slices.Sort(read)
	if !slices.Equal(read, made) {
		t.Errorf("tidemark.yaml reads %q, compose.yaml makes %q", read, made)
	}
	var connector map[string]string
	if err := json.Unmarshal([]byte(readFile(t, "demo/connector.json")), &connector); err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, table := range strings.Split(connector["table.include.list"], ",") {
		written = append(written, connector["topic.prefix"]+"."+table)
	}
	if !slices.Equal(read, written) {
		t.Errorf("tidemark.yaml reads %q, the connector writes %q", read, written)
	}
}

func TestImageHasTheModulesGo(t *testing.T) {
	image := regexp.MustCompile(`(?m)^FROM golang:(\d+)\.(\d+)\.(\d+)-`).FindStringSubmatch(readFile(t, "Dockerfile"))
	module := regexp.MustCompile(`(?m)^go (\d+)\.(\d+)\.(\d+)$`).FindStringSubmatch(readFile(t, "../go.mod"))
	if image == nil || module == nil {
		t.Fatalf("found Go %q in the Dockerfile and %q in go.mod", image, module)
	}
	if image[1] != module[1] || image[2] != module[2] || len(image[3]) < len(module[3]) || image[3] < module[3] {
		t.Errorf("the image builds with %s, go.mod wants %s", image[0], module[0])
	}
}

// unset is an environment without variables, as the container's is.
func unset(string) (string, bool) { return "", false }

func services(t *testing.T) map[string]service {
	t.Helper()
	var compose struct{ Services map[string]service }
	parse(t, "compose.yaml", &compose)
	return compose.Services
}

func parse(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(readFile(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
