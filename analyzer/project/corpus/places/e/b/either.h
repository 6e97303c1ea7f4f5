typedef long EITHER;
