#define API_SEEN 1
