package changelog

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/kafka"
)

// dial opens a client with a configuration of its own.
func dial(s kafka.Settings) (sarama.Client, error) {
	c, err := s.Sarama()
	if err != nil {
		return nil, err
	}
	client, err := sarama.NewClient(s.Brokers, c)
	if err != nil {
		return nil, fmt.Errorf("open a client of the brokers: %w", err)
	}
	return client, nil
}
