// Breaks: channel

package impure

func channel() int { return cap(make(chan int)) }
