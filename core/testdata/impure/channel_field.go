// Breaks: channel

package impure

type channelField struct{ done <-chan int }
