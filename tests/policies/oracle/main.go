// Command oracle says what the projects themselves say that our rules follow. In: one JSON value a line. Out:
// one line for each; with the argument "references" the normalised image reference or nothing, with "pods"
// whether the pod passes the Pod Security Standards baseline and restricted.
package main

import (
	"bufio"
	_ "crypto/sha256" // digests are only known to the parser where their algorithm is linked
	_ "crypto/sha512"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

const longestLine = 1 << 20

func main() {
	answer := map[string]func([]byte) (string, error){"references": normalise, "pods": evaluator()}[os.Args[1]]
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		said, err := answer(lines.Bytes())
		if err != nil {
			log.Fatalf("%v: %s", err, lines.Bytes())
		}
		fmt.Println(said)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func normalise(line []byte) (string, error) {
	var text string
	if err := json.Unmarshal(line, &text); err != nil {
		return "", err
	}
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return "", nil
	}
	return named.String(), nil
}

func evaluator() func([]byte) (string, error) {
	standards, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		log.Fatal(err)
	}
	return func(line []byte) (string, error) {
		var pod corev1.Pod
		if err := json.Unmarshal(line, &pod); err != nil {
			return "", err
		}
		allowed := func(level api.Level) bool {
			version := api.LevelVersion{Level: level, Version: api.LatestVersion()}
			return policy.AggregateCheckResults(standards.EvaluatePod(version, &pod.ObjectMeta, &pod.Spec)).Allowed
		}
		return fmt.Sprintf("%t %t", allowed(api.LevelBaseline), allowed(api.LevelRestricted)), nil
	}
}
