// Breaks: channel

package impure

func receive(field channelField) int { return <-field.done }
